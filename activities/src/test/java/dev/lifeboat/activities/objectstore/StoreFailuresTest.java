package dev.lifeboat.activities.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

class StoreFailuresTest {

    private final StoreFailures failures = new StoreFailures("backups", "http://127.0.0.1:9000");

    @Test
    void onlyNoSuchKeyMeansThatAnObjectIsMissing() {
        assertThat(translate(404, "NoSuchKey").code()).isEqualTo(FailureCode.OBJECT_MISSING);
        for (String code : new String[] {"NoSuchBucket", "NoSuchUpload", "404 Not Found", ""}) {
            assertThat(translate(404, code).code()).as(code).isEqualTo(FailureCode.OBJECT_STORE_UNREACHABLE);
        }
        assertThat(translate(403, "NoSuchKey").code()).isEqualTo(FailureCode.OBJECT_STORE_UNREACHABLE);
    }

    @Test
    void eachRefusalHasTheHintThatHelps() {
        assertThat(translate(403, "SignatureDoesNotMatch").hint()).contains("bucket.secret-key");
        assertThat(translate(301, "PermanentRedirect").hint()).contains("bucket.region");
        assertThat(translate(501, "NotImplemented").hint()).contains("If-None-Match");
        assertThat(translate(404, "NoSuchBucket").hint()).contains("create the bucket");
        assertThat(translate(503, "SlowDown").hint()).contains("tried again by itself");
    }

    @Test
    void theSentenceNamesTheObjectTheStoreAndTheDeepestReason() {
        SdkClientException failure = SdkClientException.create(
                "Unable to execute HTTP request",
                new IOException("outer", new SocketTimeoutException("Read timed out")));

        RecoveryFailure translated = failures.translate("read s3://backups/a", "s3://backups/a", failure);

        assertThat(translated.code()).isEqualTo(FailureCode.OBJECT_STORE_UNREACHABLE);
        assertThat(translated)
                .hasMessage("cannot read s3://backups/a: asked the store at http://127.0.0.1:9000,"
                        + " and it did not answer (Read timed out)");
    }

    @Test
    void whatWasTranslatedOnceStaysAsItIs() {
        RecoveryFailure missing = failures.missing("s3://backups/a", null);

        assertThat(failures.translate("write s3://backups/b", "s3://backups/b", missing))
                .isSameAs(missing);
    }

    private RecoveryFailure translate(int status, String code) {
        S3Exception answer = (S3Exception) S3Exception.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
                .build();
        return failures.translate("read s3://backups/a", "s3://backups/a", answer);
    }
}
