import { onScopeDispose, ref, type Ref } from "vue";

/** Whether the machine has a network at all; that the hub is reached, only the feed knows. */
export function useOnline(): Readonly<Ref<boolean>> {
  const online = ref(navigator.onLine);
  const look = () => (online.value = navigator.onLine);
  addEventListener("online", look);
  addEventListener("offline", look);
  onScopeDispose(() => {
    removeEventListener("online", look);
    removeEventListener("offline", look);
  });
  return online;
}
