package dev.lifeboat.worker;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import io.temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest;

/**
 * Asks the server not to keep a run's next tasks for this worker. Temporal's in-memory test server never gives a dead
 * worker's sticky tasks to another: without this, a run would hang for ever after its worker was killed.
 */
final class StickyOffInterceptor implements ClientInterceptor {

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void sendMessage(Q message) {
                super.sendMessage(withoutStickyQueue(message));
            }
        };
    }

    @SuppressWarnings("unchecked")
    private static <Q> Q withoutStickyQueue(Q message) {
        if (message instanceof RespondWorkflowTaskCompletedRequest completed) {
            return (Q) completed.toBuilder().clearStickyAttributes().build();
        }
        return message;
    }
}
