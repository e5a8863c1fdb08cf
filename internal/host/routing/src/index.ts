export { countDropped, findChat, isRefusedPerson, type KnownChat, personOf, wiringsOf } from "./chat-rows.ts";
export { route, type Routed, type RoutedWiring } from "./route.ts";
export { sessionKey } from "./session-key.ts";
export { type DropReason, whyDropped } from "./why-dropped.ts";
