package dev.lifeboat.activities.objectstore;

import dev.lifeboat.config.LifeboatConfig.Bucket;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Builds the client so that it works with AWS and with the compatible stores, old ones too. */
final class S3Clients {

    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration SILENCE = Duration.ofSeconds(15);
    private static final int ATTEMPTS = 4;
    private static final int CONNECTIONS = 64;
    private static final Set<String> GARBLED =
            Set.of("SignatureDoesNotMatch", "XAmzContentSHA256Mismatch", "BadDigest", "IncompleteBody", "MalformedXML");

    private S3Clients() {}

    /** Contacts nobody: a store that is away now may be there when it is needed. */
    static S3Client create(Bucket bucket, Map<String, String> environment, StoreTraffic traffic, Pauses pauses) {
        TrafficProbe probe = new TrafficProbe(traffic);
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(bucket.region()))
                .credentialsProvider(credentials(bucket, environment))
                // Stores of some years ago refuse the trailing checksums that the SDK sends by default.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .httpClientBuilder(Apache5HttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(SILENCE)
                        .connectionAcquisitionTimeout(SILENCE)
                        .connectionMaxIdleTime(Duration.ofSeconds(20))
                        .expectContinueEnabled(false)
                        .maxConnections(CONNECTIONS))
                .overrideConfiguration(override -> override.addMetricPublisher(probe)
                        .addExecutionInterceptor(probe)
                        .retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(ATTEMPTS)
                                .backoffStrategy(pauses.afterTrouble())
                                .throttlingBackoffStrategy(pauses.whenThrottled())
                                .retryOnException(S3Clients::mayBeGarbled)
                                .build()));
        String endpoint = bucket.endpoint();
        if (endpoint != null) {
            builder.endpointOverride(URI.create(endpoint)).forcePathStyle(true);
        }
        return builder.build();
    }

    /**
     * Beside what the SDK tries again: bytes that were changed or lost on their way there, which a store takes for a wrong
     * signature, or on their way back, so that they are no XML.
     */
    private static boolean mayBeGarbled(Throwable failure) {
        if (failure instanceof S3Exception answer) {
            return GARBLED.contains(StoreFailures.errorCode(answer));
        }
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof XMLStreamException) {
                return true;
            }
        }
        return false;
    }

    private static AwsCredentialsProvider credentials(Bucket bucket, Map<String, String> environment) {
        if (bucket.accessKey() == null || bucket.secretKey() == null) {
            return DefaultCredentialsProvider.builder().build();
        }
        return new ConfiguredCredentials(bucket.accessKey(), bucket.secretKey(), environment);
    }

    /** The store's clock, to the second, as its answer carries it. */
    static Optional<Instant> dateOf(SdkResponse answer) {
        return date(answer.sdkHttpResponse());
    }

    static Optional<Instant> dateOf(S3Exception answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        return details == null ? Optional.empty() : date(details.sdkHttpResponse());
    }

    private static Optional<Instant> date(@Nullable SdkHttpResponse answer) {
        if (answer == null) {
            return Optional.empty();
        }
        return answer.firstMatchingHeader("Date").flatMap(date -> {
            try {
                return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        });
    }
}
