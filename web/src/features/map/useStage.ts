/** The map of a page: builds the stage, draws the scene anew when anything of it has changed. */
import { markRaw, onBeforeUnmount, onMounted, shallowRef, watch, type Ref, type ShallowRef } from "vue";

import type { BaseMap } from "@/api/site";

import type { LonLat } from "./datum";
import { GRID_KINDS, type GridKind, type GridShape } from "./grids";
import type { Layer } from "./layers";
import type { Paint } from "./marks";
import { Scene, type SceneHooks } from "./scene";
import { Stage, type View } from "./stage";
import type { AlertSpot, CameraSpot, SensorSpot } from "./things";

export interface Shown {
  shapes: Ref<readonly GridShape[]>;
  cameras: Ref<readonly CameraSpot[]>;
  sensors: Ref<readonly SensorSpot[]>;
  alerts: Ref<readonly AlertSpot[]>;
  states: Ref<Record<string, string>>;
  layers: Record<Layer, boolean>;
  base: Ref<BaseMap | null>;
}

export interface StageEvents extends SceneHooks {
  ground(at: LonLat): void;
  popupClosed(): void;
  zoomTitles: { in: string; out: string };
}

/** A camera that is switched off has no state, whatever its worker said last. */
export function stateOf(states: Record<string, string>, { id, enabled }: Pick<CameraSpot, "id" | "enabled">): string {
  return enabled ? (states[id] ?? "unknown") : "disabled";
}

export function useStage(element: Readonly<ShallowRef<HTMLElement | null>>, shown: Shown, events: StageEvents) {
  const stage = shallowRef<Stage | null>(null);
  const view = shallowRef<View | null>(null);
  let scene: Scene | null = null;
  let size: ResizeObserver | undefined;
  const on = shown.layers;

  const kinds = (): ReadonlySet<GridKind> => new Set(GRID_KINDS.filter((kind) => on[kind]));
  const drawn: Record<string, () => void> = {
    grids: () => scene?.drawGrids(shown.shapes.value, kinds(), shown.base.value !== null),
    names: () => scene?.drawNames(on.names ? shown.shapes.value : [], kinds()),
    cones: () => scene?.drawCones(on.cones && on.cameras ? shown.cameras.value : []),
    cameras: () => scene?.drawCameras(on.cameras ? shown.cameras.value : [], (spot) => stateOf(shown.states.value, spot)),
    sensors: () => scene?.drawSensors(on.sensors ? shown.sensors.value : []),
    alerts: () => scene?.drawAlerts(on.alerts ? shown.alerts.value : []),
  };
  const draw = (...parts: string[]): void => parts.forEach((part) => drawn[part]?.());
  const drawAll = (): void => draw(...Object.keys(drawn));

  function relay(base: BaseMap | null): void {
    stage.value?.base(base);
    scene?.forgetGrids();
    drawAll();
  }

  onMounted(() => {
    const host = element.value;
    if (!host) return;
    const style = getComputedStyle(host);
    const colour = (variable: string) => style.getPropertyValue(variable).trim();
    const hooks = {
      moved: (now: View) => {
        view.value = now;
        drawAll();
      },
      ground: events.ground,
      popupClosed: events.popupClosed,
    };
    stage.value = markRaw(new Stage(host, hooks, events.zoomTitles));
    view.value = stage.value.view;
    scene = new Scene(stage.value, paintOf(colour), colour, events);
    size = new ResizeObserver(() => stage.value?.resized());
    size.observe(host);
    relay(shown.base.value);
  });
  onBeforeUnmount(() => {
    size?.disconnect();
    stage.value?.destroy();
    stage.value = scene = null;
  });

  watch(shown.base, relay);
  watch(shown.shapes, () => {
    scene?.forgetGrids();
    draw("grids", "names");
  });
  watch(shown.cameras, () => draw("cones", "cameras"));
  watch(shown.states, () => draw("cameras"));
  watch(shown.sensors, () => draw("sensors"));
  watch(shown.alerts, () => draw("alerts"));
  watch(on, drawAll);

  return { stage, view, choose: (shape: GridShape | null) => scene?.choose(shape) };
}

function paintOf(colour: (variable: string) => string): Paint {
  return {
    good: colour("--x-good"),
    warn: colour("--x-warn"),
    bad: colour("--x-bad"),
    off: colour("--x-off"),
    surface: colour("--x-surface"),
    text: colour("--x-text"),
    accent: colour("--x-accent"),
  };
}
