/** For tests: a component as the pages mount it, in English, signed in as an administrator or as `who`. */
import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { mount, type VueWrapper } from "@vue/test-utils";
import { NMessageProvider } from "naive-ui";
import { h, type Component } from "vue";

import { session, type Me } from "@/api/session";
import { someone } from "@/api/someone";
import { i18n, setLanguage } from "@/i18n";

const ADMIN = someone("Wang", "admin", ["cameras.update", "rules.read", "rules.create", "rules.try"]);

export function mounted(component: Component, props: Record<string, unknown>, who: Me = ADMIN): VueWrapper {
  setLanguage("en");
  session.me = who;
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  client.setQueryData(["site"], { name: "County", time_zone: "Asia/Shanghai" });
  const frame = { render: () => h(NMessageProvider, null, { default: () => h(component, props) }) };
  return mount(frame, { attachTo: document.body, global: { plugins: [i18n, [VueQueryPlugin, { queryClient: client }]] } });
}
