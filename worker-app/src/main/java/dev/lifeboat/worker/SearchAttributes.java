package dev.lifeboat.worker;

import dev.lifeboat.config.LifeboatConfig.Temporal;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.operatorservice.v1.AddSearchAttributesRequest;
import io.temporal.serviceclient.OperatorServiceStubs;
import io.temporal.serviceclient.OperatorServiceStubsOptions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes runs searchable by what people know of them. Registering needs a right that a worker may not have; runs go on
 * without the attributes, since an unregistered one would fail a workflow task for ever.
 */
final class SearchAttributes {

    static final List<String> NAMES = List.of(
            "LifeboatRunbook",
            "LifeboatTarget",
            "LifeboatMode",
            "LifeboatStep",
            "LifeboatWaitingFor",
            "LifeboatVerdict");

    private static final Logger log = LoggerFactory.getLogger(SearchAttributes.class);

    private SearchAttributes() {}

    /** @return whether every attribute can be used */
    static boolean register(Temporal temporal, Map<String, String> environment) {
        OperatorServiceStubsOptions.Builder options =
                OperatorServiceStubsOptions.newBuilder().setTarget(temporal.address());
        TemporalConnection.secure(options, temporal, environment);
        OperatorServiceStubs stubs = OperatorServiceStubs.newServiceStubs(options.validateAndBuildWithDefaults());
        try {
            return NAMES.stream().allMatch(name -> register(stubs, temporal.namespace(), name));
        } finally {
            stubs.shutdownNow();
        }
    }

    private static boolean register(OperatorServiceStubs stubs, String namespace, String name) {
        try {
            stubs.blockingStub()
                    .withDeadlineAfter(5, TimeUnit.SECONDS)
                    .addSearchAttributes(AddSearchAttributesRequest.newBuilder()
                            .setNamespace(namespace)
                            .putSearchAttributes(name, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
                            .build());
            return true;
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.ALREADY_EXISTS) {
                return true;
            }
            log.info(
                    "runs cannot be searched in Temporal by {}: it answered {} to the registration",
                    name,
                    e.getStatus().getCode());
            return false;
        }
    }
}
