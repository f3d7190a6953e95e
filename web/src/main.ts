import "./ui/theme.css";

import { VueQueryPlugin } from "@tanstack/vue-query";
import { createApp, watch } from "vue";

import { queryClient } from "./api/queries";
import { session } from "./api/session";
import App from "./app/App.vue";
import { router } from "./app/router";
import { i18n, language, setLanguage } from "./i18n";

// What the phone keeps to be read without a network goes when somebody signs out, on whatever page.
watch(
  () => session.status,
  (status) => {
    if (status !== "out") return;
    // What refuses to go now goes when the app is opened again and nobody is signed in.
    void import("./features/tasks/store").then(({ forget }) => forget()).catch(() => undefined);
  },
);

setLanguage(language());
const app = createApp(App).use(i18n).use(VueQueryPlugin, { queryClient }).use(router);
const mount = () => app.mount("#app");
// First who is signed in and where that leads, then the first picture: nothing flashes up. A page that
// could not be loaded is told by the window.
void router.isReady().then(mount, mount);
