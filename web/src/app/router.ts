/** All addresses. A page is loaded when it is opened; who may open it and how it looks is its meta. */
import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";

import { homeOf, loadSession, session, type RoleName } from "@/api/session";

declare module "vue-router" {
  interface RouteMeta {
    theme: "dark" | "light";
    /** Who may open it; left out: anyone, signed in or not. */
    roles?: readonly RoleName[];
    /** With the components of naive-ui around it. */
    office?: boolean;
    /** Without navigation: a further screen of the wall, the login. */
    bare?: boolean;
    /** Named by `common.nav.<name>` in the title of the window. */
    title?: string;
  }
}

const DESK = ["operator", "admin"] as const;
const ADMIN = ["admin"] as const;
const WORKER = ["worker"] as const;
const ANY = ["operator", "admin", "worker"] as const;

const wall = () => import("@/features/wall/WallPage.vue");
const alerts = () => import("@/features/alerts/AlertsPage.vue");

export const routes: RouteRecordRaw[] = [
  { path: "/", name: "home", component: () => import("./NotFoundPage.vue"), meta: { theme: "light", roles: ANY } },
  { path: "/login", name: "login", component: () => import("./LoginPage.vue"), meta: { theme: "light", bare: true } },
  {
    path: "/password",
    name: "password",
    component: () => import("./PasswordPage.vue"),
    meta: { theme: "light", bare: true, roles: ANY },
  },
  { path: "/wall", name: "wall", component: wall, meta: { theme: "dark", roles: DESK, title: "wall" } },
  {
    path: "/wall/:screen(\\d+)",
    name: "wall-screen",
    component: wall,
    props: true,
    meta: { theme: "dark", roles: DESK, bare: true, title: "wall" },
  },
  {
    path: "/alerts/:id?",
    name: "alerts",
    component: alerts,
    props: true,
    meta: { theme: "dark", roles: DESK, office: true, title: "alerts" },
  },
  {
    path: "/map",
    name: "map",
    component: () => import("@/features/map/MapPage.vue"),
    meta: { theme: "light", roles: DESK, title: "map" },
  },
  {
    path: "/cameras",
    name: "cameras",
    component: () => import("@/features/cameras/CamerasPage.vue"),
    meta: { theme: "light", roles: DESK, office: true, title: "cameras" },
  },
  {
    path: "/cameras/:id",
    name: "camera",
    component: () => import("@/features/cameras/CameraPage.vue"),
    props: true,
    meta: { theme: "light", roles: DESK, office: true, title: "cameras" },
  },
  {
    path: "/cameras/:id/draw",
    name: "camera-draw",
    component: () => import("@/features/cameras/DrawPage.vue"),
    props: true,
    meta: { theme: "light", roles: DESK, office: true, title: "cameras" },
  },
  {
    path: "/playback/:alertId",
    name: "playback",
    component: () => import("@/features/playback/PlaybackPage.vue"),
    props: true,
    meta: { theme: "dark", roles: DESK, office: true, title: "alerts" },
  },
  {
    path: "/system",
    name: "system",
    component: () => import("@/features/system/SystemPage.vue"),
    meta: { theme: "light", roles: DESK, office: true, title: "system" },
  },
  {
    path: "/accounts",
    name: "accounts",
    component: () => import("@/features/accounts/AccountsPage.vue"),
    meta: { theme: "light", roles: ADMIN, office: true, title: "accounts" },
  },
  {
    path: "/tasks",
    name: "tasks",
    component: () => import("@/features/tasks/TasksPage.vue"),
    meta: { theme: "light", roles: WORKER, bare: true, title: "tasks" },
  },
  {
    path: "/tasks/:id",
    name: "task",
    component: () => import("@/features/tasks/TaskPage.vue"),
    props: true,
    meta: { theme: "light", roles: WORKER, bare: true, title: "tasks" },
  },
  { path: "/:rest(.*)*", name: "not-found", component: () => import("./NotFoundPage.vue"), meta: { theme: "light" } },
];

export const router = createRouter({ history: createWebHistory(), routes });

router.beforeEach(async (to) => {
  if (session.status === "unknown") await loadSession();
  const { me, status } = session;
  if (status === "in" && me?.must_change && to.name !== "password") return { name: "password" };
  if (me && (to.name === "home" || to.name === "login")) return homeOf(me.role);
  // A phone without network keeps its pages: what it shows is in its own store.
  if (to.meta.roles && status === "out") return { name: "login", query: { next: to.fullPath } };
  if (to.name === "home") return { name: "login" };
  return true;
});
