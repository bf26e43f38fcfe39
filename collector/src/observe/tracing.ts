import { context, trace, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { TracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import type { PipelineEvent } from '../pipeline/event.ts';

export interface Tracing {
  readonly tracer: Tracer;
  stop(): Promise<void>;
}

/** Sends traces to an OTLP/HTTP endpoint (its base address: `/v1/traces` is added), or none when it is undefined. */
export function startTracing(endpoint: string | undefined, collector: string): Tracing {
  if (endpoint === undefined)
    return { tracer: trace.getTracer('vigie-collector'), stop: async () => undefined };
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'vigie-collector', 'service.instance.id': collector }),
    spanProcessors: [new BatchSpanProcessor({ exporter })]
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return { tracer: trace.getTracer('vigie-collector'), stop: () => provider.shutdown() };
}

/** One span a stored block, from the reception of its first record; one a failure. */
export function traceBlock(tracer: Tracer, event: PipelineEvent): void {
  if (event.kind === 'stored') {
    const { plan, lane } = event;
    const attributes = { 'vigie.lane': lane, 'vigie.block': plan.first, 'vigie.records': plan.records };
    tracer.startSpan('block', { startTime: plan.from, attributes }).end();
  } else if (event.kind === 'failed') {
    const span = tracer.startSpan('block.store', {
      attributes: { 'vigie.lane': event.lane, 'vigie.table': event.table }
    });
    span.setStatus({ code: SpanStatusCode.ERROR, message: event.message });
    span.end();
  }
}
