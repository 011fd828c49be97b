/**
 * Why a service closes a socket. 1xxx are the protocol's (https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 and
 * https://www.iana.org/assignments/websocket), 4xxx are for applications, chosen after HTTP's statuses.
 */
export const closing = {
  /** Something else than text came. */
  notText: 1003,
  /** A message was longer than the limit; the reason names it. */
  tooBig: 1009,
  /** The service failed at a message; its log has why. */
  failed: 1011,
  /** The service ends here; the reason is `{"retryMs":1234}`, when to come back. */
  restart: 1012,
  /** The session ended or was revoked: sign in again or refresh, then come back. */
  sessionOver: 4401,
  /** Too much was waiting to be read. */
  tooSlow: 4408,
  /** More messages a second than the limit; the reason names it. */
  tooMany: 4429,
} as const;

/** A code with which a service closes a socket. */
export type ClosingCode = (typeof closing)[keyof typeof closing];
