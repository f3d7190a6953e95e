/** All addresses. A page is loaded when it is opened; who may open it and how it looks is its meta. */
import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";

import { loadSession, session } from "@/api/session";

import { homeOf, NEEDS, type Needs } from "./navigation";
import { safeNext } from "./next";
import { arrive, beginAnew, isOutgrown } from "./renew";

declare module "vue-router" {
  interface RouteMeta {
    theme: "dark" | "light";
    /** What who opens it must hold; left out: anyone, signed in or not. */
    needs?: Needs;
    /** With the components of naive-ui around it. */
    office?: boolean;
    /** Without navigation: a further screen of the wall, the login. */
    bare?: boolean;
    /** Named by `common.nav.<name>` in the title of the window. */
    title?: string;
  }
}

/** Everybody who is signed in. */
const ANY: Needs = {};
/** A phone in somebody's hand. */
const PHONE_PX = 640;

const DRAW: Needs = { all: ["cameras.read"], any: ["cameras.update", "live.picture"] };
const PLAYBACK: Needs = { all: ["alerts.read", "evidence.look"] };

const wall = () => import("@/features/wall/WallPage.vue");
const alerts = () => import("@/features/alerts/AlertsPage.vue");

export const routes: RouteRecordRaw[] = [
  { path: "/", name: "home", component: () => import("./NothingPage.vue"), meta: { theme: "light", needs: ANY } },
  { path: "/login", name: "login", component: () => import("./LoginPage.vue"), meta: { theme: "light", bare: true } },
  {
    path: "/password",
    name: "password",
    component: () => import("./PasswordPage.vue"),
    meta: { theme: "light", bare: true, needs: ANY },
  },
  { path: "/wall", name: "wall", component: wall, meta: { theme: "dark", needs: NEEDS.wall, title: "wall" } },
  {
    path: "/wall/:screen(\\d+)",
    name: "wall-screen",
    component: wall,
    props: true,
    meta: { theme: "dark", needs: NEEDS.wall, bare: true, title: "wall" },
  },
  {
    path: "/alerts/:id?",
    name: "alerts",
    component: alerts,
    props: true,
    meta: { theme: "dark", needs: NEEDS.alerts, office: true, title: "alerts" },
  },
  {
    path: "/board",
    name: "board",
    component: () => import("@/features/board/BoardPage.vue"),
    meta: { theme: "dark", needs: NEEDS.board, office: true, title: "board" },
  },
  {
    path: "/incidents/:id",
    name: "incident",
    component: () => import("@/features/incidents/IncidentPage.vue"),
    props: true,
    meta: { theme: "dark", needs: { all: ["incidents.read"] }, office: true, title: "board" },
  },
  {
    path: "/report",
    name: "report",
    component: () => import("@/features/incidents/ReportPage.vue"),
    meta: { theme: "light", needs: NEEDS.report, office: true, title: "report" },
  },
  {
    path: "/map",
    name: "map",
    component: () => import("@/features/map/MapPage.vue"),
    meta: { theme: "light", needs: NEEDS.map, title: "map" },
  },
  {
    path: "/cameras",
    name: "cameras",
    component: () => import("@/features/cameras/CamerasPage.vue"),
    meta: { theme: "light", needs: NEEDS.cameras, office: true, title: "cameras" },
  },
  {
    path: "/cameras/:id",
    name: "camera",
    component: () => import("@/features/cameras/CameraPage.vue"),
    props: true,
    meta: { theme: "light", needs: NEEDS.cameras, office: true, title: "cameras" },
  },
  {
    path: "/cameras/:id/draw",
    name: "camera-draw",
    component: () => import("@/features/cameras/DrawPage.vue"),
    props: true,
    meta: { theme: "light", needs: DRAW, office: true, title: "cameras" },
  },
  {
    path: "/playback/:alertId",
    name: "playback",
    component: () => import("@/features/playback/PlaybackPage.vue"),
    props: true,
    meta: { theme: "dark", needs: PLAYBACK, office: true, title: "alerts" },
  },
  {
    path: "/system",
    name: "system",
    component: () => import("@/features/system/SystemPage.vue"),
    meta: { theme: "light", needs: NEEDS.system, office: true, title: "system" },
  },
  {
    path: "/indicators",
    name: "indicators",
    component: () => import("@/features/indicators/IndicatorsPage.vue"),
    meta: { theme: "light", needs: NEEDS.indicators, office: true, title: "indicators" },
  },
  {
    path: "/drills/:id?",
    name: "drills",
    component: () => import("@/features/drills/DrillsPage.vue"),
    props: true,
    meta: { theme: "light", needs: NEEDS.drills, office: true, title: "drills" },
  },
  {
    path: "/duty",
    name: "duty",
    component: () => import("@/features/duty/DutyPage.vue"),
    meta: { theme: "light", needs: NEEDS.duty, office: true, title: "duty" },
  },
  {
    path: "/accounts",
    name: "accounts",
    component: () => import("@/features/accounts/AccountsPage.vue"),
    meta: { theme: "light", needs: NEEDS.accounts, office: true, title: "accounts" },
  },
  {
    path: "/consents",
    name: "consents",
    component: () => import("@/features/consents/ConsentsPage.vue"),
    meta: { theme: "light", needs: NEEDS.consents, office: true, title: "consents" },
  },
  {
    path: "/privacy",
    name: "privacy",
    component: () => import("@/features/privacy/PrivacyPage.vue"),
    meta: { theme: "light", needs: NEEDS.privacy, office: true, title: "privacy" },
  },
  {
    path: "/grids",
    name: "grids",
    component: () => import("@/features/grids/GridsPage.vue"),
    meta: { theme: "light", needs: NEEDS.grids, office: true, title: "grids" },
  },
  {
    path: "/tasks",
    name: "tasks",
    component: () => import("@/features/tasks/TasksPage.vue"),
    meta: { theme: "light", needs: NEEDS.tasks, bare: true, title: "tasks" },
  },
  {
    path: "/tasks/:id",
    name: "task",
    component: () => import("@/features/tasks/TaskPage.vue"),
    props: true,
    meta: { theme: "light", needs: NEEDS.tasks, bare: true, title: "tasks" },
  },
  {
    path: "/supervisions",
    name: "supervisions",
    component: () => import("@/features/supervisions/SupervisionsPage.vue"),
    meta: { theme: "light", needs: NEEDS.supervisions, office: true, title: "supervisions" },
  },
  {
    path: "/whistles",
    name: "whistles",
    component: () => import("@/features/whistles/WhistlesPage.vue"),
    meta: { theme: "light", needs: NEEDS.whistles, office: true, title: "whistles" },
  },
  {
    path: "/whistles/:id",
    name: "whistle",
    component: () => import("@/features/whistles/WhistlePage.vue"),
    props: true,
    meta: { theme: "light", needs: { all: ["whistles.read"] }, office: true, title: "whistles" },
  },
  {
    path: "/notices",
    name: "notices",
    component: () => import("@/features/deliveries/NoticesPage.vue"),
    meta: { theme: "light", needs: { all: ["self.channels"] }, office: true, title: "notices" },
  },
  { path: "/:rest(.*)*", name: "not-found", component: () => import("./NotFoundPage.vue"), meta: { theme: "light" } },
];

export const router = createRouter({ history: createWebHistory(), routes });

// On the way from the phone's list to a task nothing is half written, and the service worker has the
// newer pages, also without a network.
router.beforeEach((to, from) => {
  if (from.name !== "tasks" || to.name !== "task" || !isOutgrown()) return true;
  location.assign(to.fullPath);
  return false;
});
router.afterEach((_to, _from, failure) => {
  if (!failure) arrive();
});
router.onError((_error, to) => void beginAnew(to.fullPath));

router.beforeEach(async (to) => {
  if (session.status === "unknown") await loadSession();
  const { me, status } = session;
  if (status === "in" && me?.must_change && to.name !== "password") return { name: "password" };
  if (me && (to.name === "home" || to.name === "login")) {
    // A further screen of the wall that is loaded anew at its login goes on to be that screen.
    const home = safeNext(to.query.next) ?? homeOf(me, innerWidth < PHONE_PX) ?? "/";
    return home === to.path || home;
  }
  // A phone without network keeps its pages: what it shows is in its own store.
  if (to.meta.needs && status === "out") return { name: "login", query: { next: to.fullPath } };
  if (to.name === "home") return { name: "login" };
  return true;
});
