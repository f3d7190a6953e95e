/** A part of the page that is loaded on its own, and asked for until it comes. */
import { defineAsyncComponent, type AsyncComponentLoader } from "vue";

import { backoffMs } from "@/api/backoff";

import { lacking } from "./renew";

/** One that is missing for so long may have gone with its build: whoever looks on is told. */
const ATTEMPTS_QUIET = 3;

export function patient(load: AsyncComponentLoader) {
  let told = false;
  return defineAsyncComponent({
    loader: async () => {
      const part = await load();
      if (told) lacking.value = null;
      return part;
    },
    onError: (_error, retry, _fail, attempts) => {
      told = attempts > ATTEMPTS_QUIET;
      if (told) lacking.value ??= location.pathname + location.search;
      setTimeout(retry, backoffMs(attempts));
    },
  });
}
