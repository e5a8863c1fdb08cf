export { addPrices } from "./add-prices.ts";
export { addSecrets } from "./secrets/add-secrets.ts";
export { costOrder } from "./cost-order.ts";
export { addUsage } from "./add-usage.ts";
