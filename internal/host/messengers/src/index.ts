export { messengerChannels } from "./messenger-channels.ts";
