package dev.lifeboat.activities.objectstore;

import dev.lifeboat.activities.objectstore.StoreTraffic.Direction;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.metrics.CoreMetric;
import software.amazon.awssdk.metrics.MetricCollection;
import software.amazon.awssdk.metrics.MetricPublisher;
import software.amazon.awssdk.metrics.SdkMetric;

/** Listens to the SDK in both of its ways: it counts tries and times itself, bytes only an interceptor sees. */
record TrafficProbe(StoreTraffic traffic) implements MetricPublisher, ExecutionInterceptor {

    private static final String LENGTH = "Content-Length";

    @Override
    public void publish(MetricCollection call) {
        traffic.called(
                first(call, CoreMetric.OPERATION_NAME).orElse("unknown"),
                first(call, CoreMetric.API_CALL_SUCCESSFUL).orElse(false),
                first(call, CoreMetric.RETRY_COUNT).orElse(0),
                first(call, CoreMetric.API_CALL_DURATION).orElse(Duration.ZERO));
    }

    private static <T> Optional<T> first(MetricCollection call, SdkMetric<T> metric) {
        List<T> values = call.metricValues(metric);
        return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0));
    }

    @Override
    public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
        context.httpRequest().firstMatchingHeader(LENGTH).ifPresent(length -> moved(Direction.SENT, length));
        context.httpResponse()
                .firstMatchingHeader(LENGTH)
                // The answer to HEAD says how long the object is, and sends none of it.
                .filter(length -> context.responsePublisher().isPresent()
                        || context.responseBody().isPresent())
                .ifPresent(length -> moved(Direction.RECEIVED, length));
    }

    private void moved(Direction direction, String length) {
        try {
            traffic.moved(direction, Long.parseLong(length));
        } catch (NumberFormatException e) {
            // A store that cannot count is not worth failing a recovery for.
        }
    }

    @Override
    public void close() {}
}
