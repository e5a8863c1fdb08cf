export { checkClis } from "./check-clis.ts";
export { checkKeys, providersInUse } from "./check-keys.ts";
export { checkModels } from "./check-models.ts";
