export { checkClis } from "./check-clis.ts";
export { checkKeys } from "./check-keys.ts";
export { checkModels } from "./check-models.ts";
