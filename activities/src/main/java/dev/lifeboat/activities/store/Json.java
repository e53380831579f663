package dev.lifeboat.activities.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * How records are written to the bucket: for eyes, with ISO-8601 times and durations. A newer Lifeboat may add names, so
 * unknown ones are passed over.
 */
public final class Json {

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private Json() {}

    /** UTF-8, indented, with a newline at the end; the same value always gives the same bytes. */
    public static byte[] write(Object value) {
        try {
            return (MAPPER.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    value.getClass().getSimpleName() + " cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * @param address of the object, for the message
     * @throws RecoveryFailure UNEXPECTED_STATE when the bytes are not such a record
     */
    public static <T> T read(byte[] bytes, Class<T> type, String address) {
        try {
            T read = MAPPER.readValue(bytes, type);
            if (read == null) {
                throw new EOFException("null");
            }
            return read;
        } catch (IOException e) {
            throw new RecoveryFailure(
                    FailureCode.UNEXPECTED_STATE,
                    "cannot understand %s: %d bytes that are not a %s as Lifeboat writes it"
                            .formatted(address, bytes.length, type.getSimpleName()),
                    "look at the object; if someone changed it by hand, restore its earlier version",
                    e);
        }
    }
}
