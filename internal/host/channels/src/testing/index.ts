export type { ChannelBench, Seen } from "./channel-bench.ts";
export { channelContract } from "./channel-contract.ts";
