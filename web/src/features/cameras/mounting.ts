/** For tests: a component as the pages mount it, in English, signed in as an administrator. */
import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { mount, type VueWrapper } from "@vue/test-utils";
import { NMessageProvider } from "naive-ui";
import { h, type Component } from "vue";

import { session } from "@/api/session";
import { i18n, setLanguage } from "@/i18n";

export function mounted(component: Component, props: Record<string, unknown>): VueWrapper {
  setLanguage("en");
  session.me = { name: "Wang", role: "admin", actions: ["cameras.update", "rules.create", "rules.try"], must_change: false };
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  client.setQueryData(["site"], { name: "County", time_zone: "Asia/Shanghai" });
  const frame = { render: () => h(NMessageProvider, null, { default: () => h(component, props) }) };
  return mount(frame, { attachTo: document.body, global: { plugins: [i18n, [VueQueryPlugin, { queryClient: client }]] } });
}
