package dev.lifeboat.workflows.contract;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.lifeboat.workflows.domain.FailureCode;
import io.temporal.api.common.v1.Payload;
import io.temporal.common.converter.ByteArrayPayloadConverter;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.converter.DefaultDataConverter;
import io.temporal.common.converter.JacksonJsonPayloadConverter;
import io.temporal.common.converter.NullPayloadConverter;
import io.temporal.common.converter.PayloadConverter;
import io.temporal.common.converter.ProtobufJsonPayloadConverter;
import io.temporal.common.converter.ProtobufPayloadConverter;
import io.temporal.failure.ApplicationFailure;
import java.lang.reflect.Type;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How values cross Temporal, the same in every client, worker and test. A field that the reader does not know is
 * ignored, so that an older worker can go on with what a newer one wrote; times and durations are ISO-8601.
 */
public final class PayloadMapper {

    /** Temporal itself refuses 2 MiB, with words that help nobody. */
    static final int LIMIT_BYTES = 3 << 19;

    private PayloadMapper() {}

    public static DataConverter dataConverter() {
        return new DefaultDataConverter(
                new NullPayloadConverter(),
                new ByteArrayPayloadConverter(),
                new ProtobufJsonPayloadConverter(),
                new ProtobufPayloadConverter(),
                new SizeGuard(new JacksonJsonPayloadConverter(json())));
    }

    /** The mapper behind it; also writes {@code report.json}. */
    public static ObjectMapper json() {
        return JsonMapper.builder()
                .addModule(new Jdk8Module())
                .addModule(new JavaTimeModule())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
                .build();
    }

    /** Refuses before sending what the server would refuse after it. */
    private record SizeGuard(PayloadConverter inner) implements PayloadConverter {

        @Override
        public String getEncodingType() {
            return inner.getEncodingType();
        }

        @Override
        public Optional<Payload> toData(@Nullable Object value) {
            Optional<Payload> payload = inner.toData(value);
            int size = payload.map(p -> p.getData().size()).orElse(0);
            if (size > LIMIT_BYTES) {
                throw ApplicationFailure.newNonRetryableFailure(
                        "cannot send a %s through Temporal: it is %d bytes long, and at most %d are allowed"
                                .formatted(
                                        value == null
                                                ? "value"
                                                : value.getClass().getSimpleName(),
                                        size,
                                        LIMIT_BYTES),
                        FailureCode.PAYLOAD_TOO_LARGE.name(),
                        "ask for less at once; large output belongs in the evidence folder");
            }
            return payload;
        }

        @Override
        public <T> T fromData(Payload content, Class<T> valueClass, Type valueType) {
            return inner.fromData(content, valueClass, valueType);
        }
    }
}
