export { channelCommands } from "./commands/ncl-channels.ts";
export { messengerChannels } from "./messenger-channels.ts";
