export { channelContract } from "./channel-contract.ts";
