export { makeConsole, type Console } from "./serve-console.ts";
export type { DoctorResult } from "./pages/health.ts";
