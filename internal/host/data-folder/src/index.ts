export { actForOwner, withOwnersRights } from "./act-for-owner.ts";
export {
  askHost,
  explainHost,
  holdsFolder,
  type HostProblem,
  type HostQuestion,
  type RunningHost,
  runningHost,
} from "./ask-host.ts";
export { aloneWithCentral } from "./alone-with-central.ts";
export { claimDataFolder } from "./claim-data-folder.ts";
export { explainStart, explainTrouble, explainUnsafeFolder } from "./start-messages.ts";
export { accountOf, noteActOfOwner, notedActsIn, type Act } from "./noted-acts.ts";
export { runInFolder, type FolderOutcome } from "./run-in-folder.ts";
export { hostNameOf, installOf } from "./host-name.ts";
export { hostSocketIn, serveHostSocket } from "./host-socket.ts";
export { pidFileIn, removePid, writePid } from "./pid-file.ts";
export { markRestored, restoredProblem } from "./restored-folder.ts";
export { type Succession, successionIn, successionName, takePlace } from "./succession.ts";
export { type MessengerBot, messengerBots } from "./messenger-bots.ts";
export { isStartCode, startCode, type StartOf } from "./start-code.ts";
