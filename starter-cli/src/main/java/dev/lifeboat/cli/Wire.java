package dev.lifeboat.cli;

import com.google.protobuf.ByteString;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import io.temporal.api.common.v1.Payload;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.failure.v1.Failure;
import io.temporal.common.converter.DataConverter;
import java.util.Optional;

/** How values travel to runs and back. */
record Wire(DataConverter converter) {

    Optional<Payloads> encode(Object value) {
        return converter.toPayloads(value);
    }

    <T> T decode(Payloads payloads, Class<T> type) {
        if (payloads.getPayloadsCount() == 0) {
            throw new CliFailure(
                    ExitCode.FAILED,
                    "NO_ANSWER",
                    "the worker's answer is empty",
                    "do tool and worker have the same version?");
        }
        return converter.fromPayload(payloads.getPayloads(0), type, type);
    }

    /** As if a worker had sent this JSON. */
    <T> T read(String json, Class<T> type) {
        Payload payload = Payload.newBuilder()
                .putMetadata("encoding", ByteString.copyFromUtf8("json/plain"))
                .setData(ByteString.copyFromUtf8(json))
                .build();
        return decode(Payloads.newBuilder().addPayloads(payload).build(), type);
    }

    /** What went wrong on the other side, as it was told there. */
    CliFailure failure(Failure failure) {
        return CliFailure.of(FailureTranslator.read(converter.failureToException(failure)));
    }
}
