/** What this installation is: its name, its time zone, its base maps. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { orThrow, request } from "./client";

export interface BaseMap {
  name: string;
  url: string;
  datum: "wgs84" | "gcj02";
  attribution: string;
}

export interface Site {
  name: string;
  time_zone: string;
  version: string;
  base_maps: BaseMap[];
}

const UNKNOWN: Site = { name: "", time_zone: "Asia/Shanghai", version: "", base_maps: [] };

export function useSite() {
  const query = useQuery({
    queryKey: ["site"],
    queryFn: ({ signal }) => orThrow(request<Site>("/api/v1/site", { signal })),
    staleTime: 600_000,
  });
  return computed<Site>(() => ({ ...UNKNOWN, ...query.data.value }));
}
