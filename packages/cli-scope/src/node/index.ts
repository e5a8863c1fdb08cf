export { exchange, type Exchange, type TransportError } from "./exchange.ts";
