export { addPrices, addUsage } from "./add-usage.ts";
export { addSecrets } from "./secrets/add-secrets.ts";
export { costOrder } from "./cost-order.ts";
export { usageCommands } from "./usage-commands.ts";
