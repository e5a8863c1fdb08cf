/**
 * What preflight's results mean for a launch: `ok` and `soft_failed` go on (the runtime's own gate decides),
 * `blocked` and `cancelled` end it before anything is spawned. The spelling is the seed's.
 */
export type Outcome = "ok" | "soft_failed" | "blocked" | "cancelled";
