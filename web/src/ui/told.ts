import { ref } from "vue";

/** The last thing that went wrong with what was decided, in words, on whatever page; empty when all is well. */
export const told = ref("");
