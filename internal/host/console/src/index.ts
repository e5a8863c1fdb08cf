export { makeConsole, type Console } from "./serve-console.ts";
