package dev.lifeboat.activities.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

class StoreFailuresTest {

    private final StoreFailures failures = new StoreFailures(
            "backups", "http://127.0.0.1:9000", Clock.fixed(Instant.parse("2026-08-22T09:15:00Z"), ZoneOffset.UTC));

    @Test
    void onlyNoSuchKeyMeansThatAnObjectIsMissing() {
        assertThat(translate(404, "NoSuchKey").code()).isEqualTo(FailureCode.OBJECT_MISSING);
        for (String code : new String[] {"NoSuchBucket", "NoSuchUpload", "404 Not Found", ""}) {
            assertThat(translate(404, code).code()).as(code).isNotEqualTo(FailureCode.OBJECT_MISSING);
        }
        assertThat(translate(403, "NoSuchKey").code()).isNotEqualTo(FailureCode.OBJECT_MISSING);
    }

    /** Asking again for minutes would only keep a person waiting who could have renewed a key. */
    @ParameterizedTest
    @CsvSource({
        "400, ExpiredToken, CREDENTIALS_EXPIRED",
        "403, ExpiredToken, CREDENTIALS_EXPIRED",
        "403, InvalidAccessKeyId, CREDENTIALS_REFUSED",
        "403, SignatureDoesNotMatch, CREDENTIALS_REFUSED",
        "403, AccessDenied, CREDENTIALS_REFUSED",
        "400, InvalidToken, CREDENTIALS_REFUSED",
        "401, Unauthorized, CREDENTIALS_REFUSED",
        "403, RequestTimeTooSkewed, CLOCK_SKEWED",
        "404, NoSuchBucket, BUCKET_UNUSABLE",
        "301, PermanentRedirect, BUCKET_UNUSABLE",
        "400, AuthorizationHeaderMalformed, BUCKET_UNUSABLE",
        "501, NotImplemented, BUCKET_UNUSABLE"
    })
    void whatOnlyAPersonCanChangeIsNotTriedAgainByAMachine(int status, String code, FailureCode expected) {
        RecoveryFailure failure = translate(status, code);

        assertThat(failure.code()).isEqualTo(expected);
        assertThat(failure.code().isRetriedByMachine()).isFalse();
        assertThat(failure).hasMessageContaining("asked the store at http://127.0.0.1:9000, and it");
        assertThat(failure.hint()).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource({
        "500, InternalError",
        "503, ServiceUnavailable",
        "503, SlowDown",
        "429, RequestLimitExceeded",
        "429, ''",
        "400, RequestTimeout",
        "403, ''",
        "404, ''"
    })
    void whatMayPassByItselfIsTriedAgain(int status, String code) {
        assertThat(translate(status, code).code()).isEqualTo(FailureCode.OBJECT_STORE_UNREACHABLE);
    }

    @Test
    void twoClocksThatDisagreeAreBothNamed() {
        S3Exception answer = (S3Exception) S3Exception.builder()
                .statusCode(403)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode("RequestTimeTooSkewed")
                        .sdkHttpResponse(SdkHttpResponse.builder()
                                .statusCode(403)
                                .putHeader("Date", "Sat, 22 Aug 2026 09:35:10 GMT")
                                .build())
                        .build())
                .build();

        RecoveryFailure failure = failures.translate("read s3://backups/a", "s3://backups/a", answer);

        assertThat(failure)
                .hasMessageContaining("this host's clock says 2026-08-22T09:15:00Z, the store's "
                        + "2026-08-22T09:35:10Z (20 minutes apart)");
        assertThat(failure.hint()).contains("timedatectl").contains("lifeboat doctor");
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

    /** As AWS, MinIO, Wasabi and Ceph say it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "AccessDenied      | Access Denied because object protected by object lock.",
                "InvalidRequest    | Object is WORM protected and cannot be overwritten",
                "AccessDenied      | object is under legal hold",
                "AccessDenied      | object protected by bucket retention policy",
                "ObjectLocked      | ''"
            })
    void whatARuleOfTheBucketKeepsIsNoMissingPermission(String code, String message) {
        assertThat(StoreFailures.keptByTheBucket(StoreFailures.answer(code, message)))
                .hasValueSatisfying(why -> assertThat(why).startsWith(code));
    }

    @Test
    void aMissingPermissionToDeleteHasASentenceOfItsOwn() {
        S3Exception denied = StoreFailures.answer("AccessDenied", "Access Denied.");

        assertThat(StoreFailures.keptByTheBucket(denied)).isEmpty();
        assertThat(StoreFailures.keptByTheBucket(StoreFailures.answer("InternalError", "retention of a lock")))
                .isEmpty();
        RecoveryFailure failure = failures.deletion("delete s3://backups/a", "s3://backups/a", denied);
        assertThat(failure.code()).isEqualTo(FailureCode.CREDENTIALS_REFUSED);
        assertThat(failure).hasMessageContaining("403 AccessDenied: these keys may not delete");
        assertThat(failure.hint()).contains("s3:DeleteObject", "lifeboat expire --yes");
        assertThat(failures.deletion("delete a", "a", StoreFailures.answer("SlowDown", ""))
                        .code())
                .isEqualTo(FailureCode.OBJECT_STORE_UNREACHABLE);
    }

    private RecoveryFailure translate(int status, String code) {
        S3Exception answer = (S3Exception) S3Exception.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
                .build();
        return failures.translate("read s3://backups/a", "s3://backups/a", answer);
    }
}
