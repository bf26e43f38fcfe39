/** What a sensor has seen and what it could not see. Everything that is not decoded is in one of these numbers. */
export interface SensorCounts {
  /** Packets of the capture, and their bytes on the wire. */
  packets: number;
  bytes: number;
  /** Packets without TCP, or of ports that are not watched. */
  other_packets: number;
  fragments: number;
  malformed_packets: number;
  /** Packets whose time of capture is none: they are passed over. */
  timeless_packets: number;
  /** Packets of a link type that is not known. */
  unknown_link_packets: number;
  /** Packets that the capturing machine says it lost (pcapng statistics, tcpdump). */
  dropped_by_capture: number;
  /** Packets cut by the capture's snap length. */
  truncated_packets: number;
  connections: number;
  /** Connections answered by a reset before any byte. */
  connections_refused: number;
  /** Connections met after their beginning: nothing of them is decoded. */
  connections_midstream: number;
  /** Connections on a watched port that are no DICOM: TLS, HTTP. */
  connections_not_dicom: number;
  /** Connections forgotten because the table was full. */
  connections_evicted: number;
  connections_idle: number;
  associations: number;
  /** Associations in which the capture has a hole: what it hid is not told. */
  associations_incomplete: number;
  associations_open_at_end: number;
  commands: number;
  /** Bytes of data sets: counted, never kept. */
  dataset_bytes: number;
  segments_retransmitted: number;
  segments_reordered: number;
  /** Segments too far from their stream to belong to it. */
  segments_implausible: number;
  /** Bytes of streams that the capture does not hold. */
  gap_bytes: number;
  gaps: number;
  /** Times a stream was not DICOM any more, after a hole or of itself. */
  streams_lost: number;
  streams_found_again: number;
  /** Service classes or statuses beyond what one association's table holds. */
  table_overflows: number;
}

export const noCounts = (): SensorCounts => ({
  packets: 0,
  bytes: 0,
  other_packets: 0,
  fragments: 0,
  malformed_packets: 0,
  timeless_packets: 0,
  unknown_link_packets: 0,
  dropped_by_capture: 0,
  truncated_packets: 0,
  connections: 0,
  connections_refused: 0,
  connections_midstream: 0,
  connections_not_dicom: 0,
  connections_evicted: 0,
  connections_idle: 0,
  associations: 0,
  associations_incomplete: 0,
  associations_open_at_end: 0,
  commands: 0,
  dataset_bytes: 0,
  segments_retransmitted: 0,
  segments_reordered: 0,
  segments_implausible: 0,
  gap_bytes: 0,
  gaps: 0,
  streams_lost: 0,
  streams_found_again: 0,
  table_overflows: 0
});
