export { fail, ok, type Result } from "./result.ts";
export { systemCode } from "./system-code.ts";
