export { measureStore, type StoreTimes } from "./measure-store.ts";
