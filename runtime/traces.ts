/**
 * Spans on their way to an OpenTelemetry collector: OTLP over HTTP, JSON, in batches beside the work. Off, and nothing of
 * OpenTelemetry loaded, unless `OTEL_EXPORTER_OTLP_ENDPOINT` is set. A collector that does not answer costs spans, never a
 * turn, and is logged.
 */
import type { Log } from './log.ts'
import type { Span } from './spans.ts'

export interface Traces {
  isOn: boolean
  /** Takes a span that has ended; asks for it only when traces are on. Never throws. */
  ended(span: () => Span): void
  /** Sends what is left. */
  stop(): Promise<void>
}

const export_ms_max = 2_000
const batch_ms = 1_000

export const noTraces: Traces = { isOn: false, ended() {}, async stop() {} }

export async function startTraces(endpoint: string | undefined, log: Log): Promise<Traces> {
  if (endpoint === undefined) return noTraces
  const [{ BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }, { SpanKind, SpanStatusCode }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/api'),
    ])
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: export_ms_max })
  const told: Pick<typeof exporter, 'export' | 'shutdown' | 'forceFlush'> = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error)
          log.warn({ code: 'traces-not-exported', spans: spans.length, reason: result.error.message }, url)
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  }
  const batches = new BatchSpanProcessor({
    exporter: told,
    scheduledDelayMillis: batch_ms,
    exportTimeoutMillis: export_ms_max,
  })
  const fixed = {
    resource: resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME ?? 'parley' }),
    instrumentationScope: { name: 'parley' },
    links: [],
    events: [],
    ended: true,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
  const kinds = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, client: SpanKind.CLIENT }
  const contextOf = ({ traceId, spanId, isSampled }: Span['own']) => ({
    traceId,
    spanId,
    traceFlags: isSampled ? 1 : 0,
  })
  return {
    isOn: true,
    ended(span) {
      const { name, kind, own, parent, begin_ms, end_ms, attributes, error } = span()
      batches.onEnd({
        ...fixed,
        name,
        kind: kinds[kind],
        attributes,
        spanContext: () => contextOf(own),
        ...(parent ? { parentSpanContext: { ...contextOf(parent), isRemote: true } } : {}),
        startTime: hrTime(begin_ms),
        endTime: hrTime(end_ms),
        duration: hrTime(end_ms - begin_ms),
        status: error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
      })
    },
    async stop() {
      await batches.shutdown().catch(() => {}) // the log has it already
    },
  }
}

/** Seconds and nanoseconds. */
const hrTime = (ms: number): [number, number] => [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1_000_000)]
