/** The bytes are no capture that can be read. The sentence says where and how to mend it, and holds nothing of the packets. */
export class CaptureError extends Error {}
