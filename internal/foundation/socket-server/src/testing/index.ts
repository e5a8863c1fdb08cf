export { writeNamedCertificate } from "../named-certificate.fixture.ts";
export { type RawClient, rawClient, tempFolder } from "../socket.fixture.ts";
