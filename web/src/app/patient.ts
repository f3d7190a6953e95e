/** A part of the page that is loaded on its own, and asked for until it comes. */
import { defineAsyncComponent, type AsyncComponentLoader } from "vue";

import { backoffMs } from "@/api/backoff";

export function patient(load: AsyncComponentLoader) {
  return defineAsyncComponent({
    loader: load,
    onError: (_error, retry, _fail, attempts) => void setTimeout(retry, backoffMs(attempts)),
  });
}
