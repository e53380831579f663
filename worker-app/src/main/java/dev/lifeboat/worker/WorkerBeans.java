package dev.lifeboat.worker;

import dev.lifeboat.config.LifeboatConfig;
import dev.lifeboat.worker.metrics.StoreMetrics;
import dev.lifeboat.worker.metrics.WorkerMetrics;
import dev.lifeboat.workflows.runbook.SearchAttributesSwitch;
import io.micrometer.core.instrument.MeterRegistry;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;

/** How the parts of a worker process are put together. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class WorkerBeans {

    private static final Logger log = LoggerFactory.getLogger(WorkerBeans.class);

    /** Names this process in histories, leases and reports: {@code pid@host}. */
    static String workerName() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "localhost";
        }
        return ProcessHandle.current().pid() + "@" + host;
    }

    @Bean(destroyMethod = "")
    WorkflowClient temporalClient(LifeboatConfig config, MeterRegistry registry) {
        WorkflowServiceStubs stubs = TemporalConnection.stubs(config.temporal(), System.getenv(), registry);
        return TemporalConnection.client(stubs, config.temporal(), workerName());
    }

    @Bean
    Roles roles(
            LifeboatConfig config, WorkerArguments arguments, WorkflowClient temporalClient, MeterRegistry registry) {
        return Roles.of(
                config,
                arguments,
                System.getenv(),
                workerName(),
                new TemporalRunLiveness(temporalClient),
                new StoreMetrics(registry));
    }

    @Bean
    TemporalWorkers workers(LifeboatConfig config, WorkflowClient temporalClient, Roles roles, MeterRegistry registry) {
        Map<String, String> environment = System.getenv();
        return new TemporalWorkers(
                temporalClient,
                roles,
                registry,
                () -> SearchAttributesSwitch.set(SearchAttributes.register(config.temporal(), environment)));
    }

    @Bean
    WorkerMetrics metrics(LifeboatConfig config, Roles roles, MeterRegistry registry) {
        WorkerMetrics metrics = WorkerMetrics.begin(registry, config.worker().metricsEvery(), roles.postgres());
        roles.store().filter(store -> roles.servesPlatform()).ifPresent(store -> {
            metrics.lookAt(store, registry);
            metrics.expect(config.schedules(), store, registry);
        });
        return metrics;
    }

    @Bean
    HealthIndicator temporalHealthIndicator(TemporalWorkers workers) {
        return new TemporalHealth(workers);
    }

    @Bean
    HealthIndicator bucketHealthIndicator(Roles roles) {
        return new BucketHealth(roles);
    }

    @Bean
    HealthIndicator archiverHealthIndicator(Roles roles) {
        return new ArchiverHealth(roles);
    }

    @Bean
    HealthIndicator leasesHealthIndicator(Roles roles) {
        return new LeasesHealth(roles);
    }

    @Bean
    ApplicationListener<WebServerInitializedEvent> healthAddress() {
        return event -> log.info(
                "health: http://127.0.0.1:{}/actuator/health",
                event.getWebServer().getPort());
    }
}
