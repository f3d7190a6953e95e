import { ref } from "vue";

/**
 * Writing into the phone's own store: one thing at a time, so that a second tap says nothing twice.
 * `refused`: the store is full, or this browser keeps nothing; the page says so and can be used on.
 */
export function useKeeping() {
  const busy = ref(false);
  const refused = ref(false);

  async function keep(write: () => Promise<void>): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    refused.value = false;
    try {
      await write();
    } catch {
      refused.value = true;
    } finally {
      busy.value = false;
    }
  }

  return { busy, refused, keep };
}
