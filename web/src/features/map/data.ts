/** What the map asks the hub for; cameras and their states are those of the camera pages. */
import { useQuery } from "@tanstack/vue-query";
import { computed, onScopeDispose, shallowRef } from "vue";

import { ask, hub, orThrow, request } from "@/api/client";
import { feed } from "@/api/feed";
import { can } from "@/api/session";
import { queryClient, useFeed, useInvalidation } from "@/api/queries";
import { fromFeed, type Alert } from "@/features/alerts/alert";

import { shapeOf, type Feature, type GridShape } from "./grids";
import { isOpen, type Sensor } from "./things";

const NO_SHAPES: readonly GridShape[] = [];

/** All grids to draw (GeoJSON, which the document does not describe). The browser keeps them; the hub says by their ETag that they are the same. */
export function useShapes() {
  useInvalidation("grid", ["grids", "shapes"], 2_000);
  const query = useQuery({
    queryKey: ["grids", "shapes"],
    queryFn: async ({ signal }) => {
      const { features } = await orThrow(request<{ features: Feature[] }>("/api/v1/grids/shapes", { signal }));
      return features.flatMap((feature) => shapeOf(feature) ?? []);
    },
    staleTime: 600_000,
    // A hundred thousand corners are read at every move of the map: not through proxies.
    shallow: true,
  });
  return { query, shapes: computed(() => query.data.value ?? NO_SHAPES) };
}

async function allSensors(signal: AbortSignal): Promise<Sensor[]> {
  const all: Sensor[] = [];
  for (let after = ""; ; ) {
    const page = await orThrow(ask(hub.GET("/api/v1/sensors", { params: { query: { limit: 500, after } }, signal })));
    all.push(...page.items);
    if (!page.next) return all;
    after = page.next;
  }
}

export function useSensors() {
  useInvalidation("sensor", ["sensors", "places"], 2_000);
  return useQuery({ queryKey: ["sensors", "places"], queryFn: ({ signal }) => allSensors(signal), enabled: computed(() => can("sensors.read")), staleTime: 300_000, shallow: true });
}

const OPEN = [{ live: true }, { ack: "unacked", judged: false }] as const;
const LOADED_MAX = 500;
const TOGETHER_MS = 250;

async function openAlerts(signal: AbortSignal): Promise<Alert[]> {
  const of = (which: (typeof OPEN)[number]) => ({ ...which, order: "urgency", limit: LOADED_MAX }) as const;
  const pages = await Promise.all(OPEN.map((which) => orThrow(ask(hub.GET("/api/v1/alerts", { params: { query: of(which) }, signal })))));
  return pages.flatMap((page) => page.items);
}

/** Alerts that last or wait for somebody, kept by the feed: the 500 most urgent of each and all new ones. */
export function useOpenAlerts() {
  const query = useQuery({ queryKey: ["alerts", "map"], queryFn: ({ signal }) => openAlerts(signal), enabled: computed(() => can("alerts.read")), staleTime: 60_000, shallow: true });
  const told = shallowRef<ReadonlyMap<string, Alert>>(new Map());
  let heard: Alert[] = [];
  let soon: ReturnType<typeof setTimeout> | undefined;
  useFeed("alert", (event) => {
    heard.push(fromFeed(event.body));
    soon ??= setTimeout(() => {
      soon = undefined;
      const all = newest([...told.value.values(), ...heard]);
      heard = [];
      // While the hub is asked it may answer with what was open a moment ago: nothing is forgotten yet.
      told.value = query.isFetching.value ? all : needed(all, query.data.value ?? []);
    }, TOGETHER_MS);
  });
  // What is loaded after a gap knows more than what was told before it.
  onScopeDispose(
    feed.whenReset(() => {
      heard = [];
      told.value = new Map();
    }),
  );
  onScopeDispose(() => clearTimeout(soon));
  const alerts = computed(() => [...newest([...(query.data.value ?? []), ...told.value.values()]).values()].filter(isOpen));
  return { query, alerts };
}

/** Of what was told: what is open, and what is over but was loaded as open. The rest nobody would miss. */
export function needed(told: ReadonlyMap<string, Alert>, loaded: readonly Alert[]): Map<string, Alert> {
  const known = new Set(loaded.map(({ id }) => id));
  return new Map([...told].filter(([id, alert]) => isOpen(alert) || known.has(id)));
}

/** Of each alert the version that was written last. */
export function newest(alerts: Iterable<Alert>): Map<string, Alert> {
  const by = new Map<string, Alert>();
  for (const alert of alerts) {
    const known = by.get(alert.id);
    if (!known || alert.version >= known.version) by.set(alert.id, alert);
  }
  return by;
}

export function reload(): Promise<void> {
  return queryClient.invalidateQueries();
}
