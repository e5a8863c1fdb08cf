export { channelContract } from "./channel-contract.ts";
export * from "../local/chat.fixture.ts";
