export const PHONE: readonly string[];
export const FIRST_SCREEN: readonly string[];
export function filesOf(dist: string, sources: readonly string[]): string[];
