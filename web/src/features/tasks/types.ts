import type { components } from "@/api/schema";

export type Task = components["schemas"]["TaskOut"];
export type Brief = components["schemas"]["TaskBrief"];
export type TaskState = Task["state"];

export interface LonLat {
  lon: number;
  lat: number;
}
