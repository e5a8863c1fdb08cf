export { type ChannelBench, type Seen, channelContract } from "./channel-contract.ts";
