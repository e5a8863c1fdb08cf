export { messageTo } from "./channel-bench.ts";
export { channelContract } from "./channel-contract.ts";
export * from "../local/chat.fixture.ts";
