package dev.lifeboat.workflows.contract;

import io.temporal.api.common.v1.Payload;
import io.temporal.common.context.ContextPropagator;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.interceptors.Header;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which call of which run an activity is. It travels in the header of every activity that belongs to a run, so that the
 * activity can leave its log where the report will be.
 *
 * @param runStartedAt as in the report: the folder's name begins with it
 * @param number       counts the calls of one run, its undos too; the same after a replay
 * @param step         the step's id; an undo is called in the name of the step during which it happens
 */
public record StepCall(Instant runStartedAt, int number, String step) {

    /** Where step logs lie within a run's evidence folder. */
    public static final String LOGS = "steps/";

    private static final String KEY = "lifeboat-step";
    private static final DataConverter CONVERTER = PayloadMapper.dataConverter();
    private static final Pattern LOG = Pattern.compile(LOGS + "\\d+-(.+)-\\d+\\.log");

    /** {@code steps/07-restore-base-backup-2.log}: names sort as the calls were made. */
    public String logName(int attempt) {
        return String.format(Locale.ROOT, "%s%02d-%s-%d.log", LOGS, number, step, attempt);
    }

    /** The step that a file of an evidence folder is the log of. */
    public static Optional<String> stepOfLog(String name) {
        Matcher log = LOG.matcher(name);
        return log.matches() ? Optional.of(log.group(1)) : Optional.empty();
    }

    /** Empty for an activity that belongs to no run, for example a question of the operator's tool. */
    public static Optional<StepCall> from(Header header) {
        Payload payload = header.getValues().get(KEY);
        return payload == null
                ? Optional.empty()
                : Optional.ofNullable(CONVERTER.fromPayload(payload, StepCall.class, StepCall.class));
    }

    /** Puts a call into the header of each activity that is started with it. */
    public static ContextPropagator propagator(Supplier<StepCall> next) {
        return new Outbound(next);
    }

    /** Only ever used by a workflow, to send; an activity reads its header itself. */
    private record Outbound(Supplier<StepCall> next) implements ContextPropagator {

        @Override
        public String getName() {
            return KEY;
        }

        @Override
        public Object getCurrentContext() {
            return next.get();
        }

        @Override
        public Map<String, Payload> serializeContext(Object context) {
            return CONVERTER
                    .toPayload(context)
                    .map(payload -> Map.of(KEY, payload))
                    .orElse(Map.of());
        }

        @Override
        public Object deserializeContext(Map<String, Payload> header) {
            return header;
        }

        @Override
        public void setCurrentContext(Object context) {
            // Nothing is received this way.
        }
    }
}
