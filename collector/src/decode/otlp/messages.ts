import protobuf from 'protobufjs';

/*
 * What Vigie reads of opentelemetry-proto 1.x (collector/metrics/v1, metrics/v1, common/v1, resource/v1) and of google.rpc.Status,
 * by the numbers of the fields; fields that are not named here are passed over, as protobuf has it.
 */
const definition = `
syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message NumberDataPoint { repeated KeyValue attributes = 7; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; } uint32 flags = 8; }
message HistogramDataPoint { repeated KeyValue attributes = 9; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5; uint32 flags = 10; }
message ExponentialHistogramDataPoint { repeated KeyValue attributes = 1; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5; uint32 flags = 10; }
message SummaryDataPoint { repeated KeyValue attributes = 7; fixed64 time_unix_nano = 3; }
message Gauge { repeated NumberDataPoint data_points = 1; }
message Sum { repeated NumberDataPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramDataPoint data_points = 1; int32 aggregation_temporality = 2; }
message ExponentialHistogram { repeated ExponentialHistogramDataPoint data_points = 1; int32 aggregation_temporality = 2; }
message Summary { repeated SummaryDataPoint data_points = 1; }
message Metric { string name = 1; string unit = 3; oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; ExponentialHistogram exponential_histogram = 10; Summary summary = 11; } }
message ScopeMetrics { repeated Metric metrics = 2; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
message ExportMetricsPartialSuccess { int64 rejected_data_points = 1; string error_message = 2; }
message ExportMetricsServiceResponse { ExportMetricsPartialSuccess partial_success = 1; }
message Status { int32 code = 1; string message = 2; }
`;

const { root } = protobuf.parse(definition);
const request = root.lookupType('ExportMetricsServiceRequest');
const response = root.lookupType('ExportMetricsServiceResponse');
const status = root.lookupType('Status');

/** Numbers of the fields from a request down to its data points: resource_metrics, scope_metrics, metrics, a kind of data, points. */
const wayToPoints: readonly (readonly number[])[] = [[1], [2], [2], [5, 7, 9, 10, 11], [1]];
const lengthDelimited = 2;

/** Messages above the points (resources, scopes, metrics and their data), for each point a request may hold. */
const aboveAPoint = 4;

/**
 * Data points of a request, counted before any is made; a count of more than `limit` may be cut there, and so is told of a request
 * that holds more than four times as many messages above them. @throws when it is not protobuf
 */
export function countPoints(bytes: Uint8Array, limit: number): number {
  const reader = protobuf.Reader.create(bytes);
  let above = 0;
  const within = (end: number, depth: number): number => {
    if (depth === wayToPoints.length) {
      reader.pos = end;
      return 1;
    }
    if (depth > 0 && ++above > aboveAPoint * limit) return limit + 1;
    let found = 0;
    while (reader.pos < end && found <= limit) {
      const tag = reader.uint32();
      if ((tag & 7) !== lengthDelimited || !wayToPoints[depth]?.includes(tag >>> 3)) reader.skipType(tag & 7);
      else {
        const length = reader.uint32();
        found += within(Math.min(reader.pos + length, end), depth + 1);
      }
    }
    return found;
  };
  return within(bytes.length, 0);
}

/** The request as OTLP/JSON writes it: lowerCamelCase, 64-bit integers as text. @throws when it is not protobuf */
export const decodeRequest = (bytes: Uint8Array): unknown =>
  request.toObject(request.decode(bytes), { longs: String, json: true });

/** ExportMetricsServiceResponse; empty without a partial success. */
export const encodeResponse = (partial?: { rejected: number; message: string }): Uint8Array =>
  response
    .encode(
      response.create(
        partial && { partialSuccess: { rejectedDataPoints: partial.rejected, errorMessage: partial.message } }
      )
    )
    .finish();

/** google.rpc.Status: the body of every refusal. */
export const encodeStatus = (message: string): Uint8Array =>
  status.encode(status.create({ message })).finish();
